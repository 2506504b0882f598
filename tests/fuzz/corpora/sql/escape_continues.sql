INSERT INTO note VALUES (E''
'\' -- pay 1
');
