-- The tables of Koha 25.11 that matter here, with more columns than are read: a name that
-- turns up in a vault would be a slip.
CREATE TABLE systempreferences (variable varchar(50) PRIMARY KEY, value mediumtext);
CREATE TABLE branches (branchcode varchar(10) PRIMARY KEY, branchname longtext NOT NULL, branchemail longtext, marcorgcode varchar(16));
CREATE TABLE categories (categorycode varchar(10) PRIMARY KEY, description longtext, category_type varchar(1) NOT NULL DEFAULT 'A');
CREATE TABLE borrowers (
  borrowernumber int PRIMARY KEY AUTO_INCREMENT, cardnumber varchar(32) UNIQUE, surname longtext, firstname mediumtext,
  streetnumber tinytext, address longtext, city longtext, zipcode tinytext, country mediumtext, email longtext, dateofbirth date,
  branchcode varchar(10) NOT NULL, categorycode varchar(10) NOT NULL, dateenrolled date, dateexpiry date, date_renewed date,
  sex varchar(1), password varchar(60), privacy int NOT NULL DEFAULT 1, anonymized tinyint(1) NOT NULL DEFAULT 0,
  updated_on timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp());
CREATE TABLE deletedborrowers LIKE borrowers;
ALTER TABLE deletedborrowers MODIFY borrowernumber int NOT NULL, DROP PRIMARY KEY, DROP KEY cardnumber;
CREATE TABLE items (
  itemnumber int PRIMARY KEY, biblionumber int NOT NULL, biblioitemnumber int NOT NULL, homebranch varchar(10), itype varchar(10), ccode varchar(80));
CREATE TABLE deleteditems LIKE items;
CREATE TABLE biblioitems (biblioitemnumber int PRIMARY KEY, itemtype varchar(10));
CREATE TABLE deletedbiblioitems LIKE biblioitems;
CREATE TABLE issues (
  issue_id int PRIMARY KEY AUTO_INCREMENT, borrowernumber int, itemnumber int, branchcode varchar(10), issuedate datetime, returndate datetime,
  lastreneweddate datetime, renewals_count tinyint NOT NULL DEFAULT 0, onsite_checkout int NOT NULL DEFAULT 0,
  timestamp timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp());
CREATE TABLE old_issues LIKE issues;
ALTER TABLE old_issues MODIFY issue_id int NOT NULL;
CREATE TABLE checkout_renewals (renewal_id int PRIMARY KEY AUTO_INCREMENT, checkout_id int, timestamp timestamp NOT NULL DEFAULT current_timestamp());
CREATE TABLE statistics (
  datetime datetime, branch varchar(10), value double(16,4), type varchar(16), other longtext, itemnumber int, itemtype varchar(10),
  location varchar(80), borrowernumber int, ccode varchar(80), categorycode varchar(10), interface varchar(30));
